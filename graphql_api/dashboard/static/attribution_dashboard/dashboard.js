var e,t,n,r,i,a,o,s,c,l,u,d=Symbol.for(`pv`),f={},p=[],m=/^m(i|n|o|s|text|space)$/,h=Array.isArray,g=p.slice,_=Object.assign;function v(e){e&&e.parentNode&&e.remove()}function y(n,r,i,a,o){var s={type:n,props:r,key:i,ref:a,__k:null,__:null,__b:0,__e:null,__c:null,constructor:d,__v:o||++t,__i:-1,__u:0};return!o&&e.vnode&&e.vnode(s),s}function b(e){return e.children}function x(e,t){this.props=e,this.context=t,this.__g=0}function S(e,t){if(t==null)return e.__&&S(e.__,e.__i+1);for(var n;t<e.__k.length;t++)if((n=e.__k[t])&&n.__e)return n.__e;return typeof e.type!=`function`||e.props.__P?null:S(e)}function C(t){var n,r=t.__v,i=r.__e,a=[],o=[],s=t.__P;s&&((n=_({constructor:d},r)).__v=r.__v+1,e.vnode&&e.vnode(n),N(s,n,r,t.__n,s.namespaceURI,32&r.__u?[i]:null,a,i||S(r),32&r.__u,o),n.__v=r.__v,n.__.__k[n.__i]=n,F(a,n,o),r.__=r.__e=null,n.__e!=i&&w(n))}function w(e){if((e=e.__)&&e.__c&&!e.props.__P)return e.__e=null,e.__k.some(function(t){return t&&(e.__e=t.__e)}),w(e)}function T(t){(8&t.__g||(t.__g|=8,n.push(t),i++))&&r==e.debounceRendering||((r=e.debounceRendering)||queueMicrotask)(E)}function E(){try{for(var e,t=1;n.length;)n.length>t&&n.sort(a),e=n.shift(),t=n.length,8&e.__g&&C(e)}finally{(i=n.length)&&(r||queueMicrotask)(E)}}function ee(e,t,n,r,i,a,o,s,c,l,u){var d,m,h,g,_,v,y=r.__k||p,b=t.length;for(c=D(n,t,y,c,b),d=0;d<b;d++)(h=n.__k[d])!=null&&(m=~h.__i&&y[h.__i]||f,h.__i=d,v=N(e,h,m,i,a,o,s,c,l,u),g=h.__e,(m.ref!=h.ref||8&m.__u)&&(m.ref&&I(m.ref,null,h,m),h.ref&&u.push(h.ref,h.__c||g,h)),_||=g,4&h.__u?(c=O(h,c,e,!m.__v),m.__e&&(m.__e=null)):typeof h.type==`function`&&v!==void 0?c=v:g&&(c=g.nextSibling),h.__u&=-21);return n.__e=_,c}function D(e,t,n,r,i){var a,o,s,c,l,u,f,p,m,g=n.length,_=g,v=0,x=0,C=e.__k=Array(i);for(a=0;a<i;a++)(o=t[a])!=null&&typeof o!=`boolean`&&typeof o!=`function`?(typeof o!=`object`||o.constructor===String?o=C[a]=y(null,o):h(o)?o=C[a]=y(b,{children:o}):o.constructor===d&&o.__b?o=C[a]=y(o.type,o.props,o.key,o.ref,o.__v):C[a]=o,c=a+v,o.__=e,o.__b=e.__b+1,s=null,~(l=o.__i=k(o,n,c,_))&&(_--,(s=n[l])&&(s.__u|=2)),s&&s.__v?(o.__u|=16,l==c-1?v--:l==c+1?v++:l!=c&&(l>c?v--:v++,x=1)):(~l||(i>g?v--:i<g&&v++),typeof o.type!=`function`&&(o.__u|=4))):C[a]=null;if(x){for(u=[],f=[],a=0;a<i;a++)if((o=C[a])&&16&o.__u){for(v=0,p=u.length;v<p;)u[m=v+p>>1]<o.__i?v=m+1:p=m;u[v]=o.__i,f[a]=v+1}for(v=u.length;a--;)f[a]&&(f[a]==v?v--:C[a].__u|=4)}if(_)for(a=0;a<g;a++)!(s=n[a])||2&s.__u||(s.__e==r&&(r=S(s)),L(s,s));return r}function O(e,t,n,r){var i,a,o,s;if(typeof e.type==`function`){if(e.props.__P)return t;if(i=e.__k)for(a=0;a<i.length;a++)i[a]&&(i[a].__=e,t=O(i[a],t,n,!1));return t}for(t&&!t.parentNode&&(t=S(e))&&!t.parentNode&&(t=null),o=e.__e,s=t;s&&s.nodeType==8;)s=s.nextSibling;for(o!=s&&(!r&&n.moveBefore&&o.parentNode?n.moveBefore(o,t):n.insertBefore(o,t||null)),t=o;(t&&=t.nextSibling)&&t.nodeType==8&&!t.data.startsWith(`$s`););return t}function k(e,t,n,r){var i,a=e.key,o=e.type,s=t[n],c=s&&!(2&s.__u);if(s===null&&a==null||c&&a==s.key&&o==s.type)return n;if(r>+!!c){for(i=n-1;i>=0;i--)if((s=t[i])&&!(2&s.__u)&&a==s.key&&o==s.type)return i;for(i=n+1;i<t.length;i++)if((s=t[i])&&!(2&s.__u)&&a==s.key&&o==s.type)return i}return-1}function A(e,t,n){n??=``,t[0]==`-`?e.setProperty(t,n):e[t]=n}function j(e,t,n,r,i){var a,o;if(t==`style`){if(typeof n==`string`)e.style.cssText=n;else{if(typeof r==`string`&&(e.style.cssText=r=``),r)for(t in r)n&&t in n||A(e.style,t);if(n)for(t in n)r&&n[t]==r[t]||A(e.style,t,n[t])}}else if(t[0]==`o`&&t[1]==`n`)typeof n!=`function`&&(n=null),typeof r!=`function`&&(r=null),(e.__e||={})[t]=n,n&&r||(o=l[t]||(l[t]=M(t)),(e.__a||={})[t]=c,a=t!=(t=t.replace(s,`$1`)),(t=t.slice(2))[0]<`a`&&(t=t.toLowerCase()),n?e.addEventListener(t,o,a):e.removeEventListener(t,o,a));else{if(i==`http://www.w3.org/2000/svg`)t=t.replace(/xlink(H|:h)/,`h`).replace(/sName$/,`s`);else if(t!=`width`&&t!=`height`&&t!=`href`&&t!=`list`&&t!=`form`&&t!=`tabIndex`&&t!=`download`&&t!=`rowSpan`&&t!=`colSpan`&&t!=`role`&&t!=`popover`&&t in e)try{e[t]=n??``;return}catch{}if(typeof n==`function`)return;n==null||!1===n&&t[4]!=`-`?e.removeAttribute(t):e.setAttribute(t,t==`popover`&&n==1?``:n)}}function M(t){return function(n){var r=this.__e;if(r){if(r=r[t],n[o]==null)n[o]=c++;else if(n[o]<this.__a[t])return;return r(e.event?e.event(n):n)}}}function N(t,n,r,i,a,o,s,c,l,u){var f,m,g,y,C,w,T,E,D,O,k,A,j,M,N,F,I,R,z=n.type;if(n.constructor!==d)return null;128&r.__u&&(l=32&r.__u,f=r.__c.__z)&&(n.__u|=l,m=o=[],f.nodeType==8?c=P(f,o):o.push(f),c=o[0]||c),(f=e.__b)&&f(n);n:if(typeof z==`function`){g=s.length;try{if(E=n.props,D=(f=z.prototype)&&f.render,O=(f=z.contextType)&&i[f.__c],k=f?O?O.props.value:f.__:i,(y=r.__c)?(n.__c=y,2&y.__g&&(y.__g|=1)):(D?n.__c=y=new z(E,k):(n.__c=y=new x(E,k),y.constructor=z,y.render=re),O&&O.sub(y),y.state||(y.state={}),y.__n=i,y.__g|=8,y.__h=[],y.__k=[]),D&&(y.__s||(y.__s=y.state),z.getDerivedStateFromProps&&(y.__s==y.state&&(y.__s=_({},y.__s)),_(y.__s,z.getDerivedStateFromProps(E,y.__s)))),C=y.props,w=y.state,y.__v=n,r.__c){if(E!==C&&D&&!z.getDerivedStateFromProps&&y.componentWillReceiveProps&&y.componentWillReceiveProps(E,k),n.__v==r.__v&&!(8&y.__g)||!(4&y.__g)&&y.shouldComponentUpdate&&!1===y.shouldComponentUpdate(E,y.__s,k)){n.__v!=r.__v&&(y.props=E,y.state=y.__s,y.__g&=-9),n.__e=r.__e,n.__k=r.__k,n.__k.some(function(e){e&&(e.__=n)}),p.push.apply(y.__h,y.__k),y.__k=[],y.__h.length&&s.push(y),c=S(r);break n}y.componentWillUpdate&&y.componentWillUpdate(E,y.__s,k),D&&y.componentDidUpdate&&y.__h.push(function(){y.componentDidUpdate(C,w,T)})}else D&&!z.getDerivedStateFromProps&&y.componentWillMount&&y.componentWillMount(),D&&y.componentDidMount&&y.__h.push(y.componentDidMount);y.context=k,y.props=E,y.__P=t,y.__g&=-5,A=e.__r,j=D?25:0;do y.__g&=-9,A&&A(n),f=y.render(y.props,y.state=y.__s,y.context);while(8&y.__g&&++j<25);D&&(p.push.apply(y.__h,y.__k),y.__k=[]),y.state=y.__s,y.getChildContext&&(i=_({},i,y.getChildContext())),D&&r.__c&&y.getSnapshotBeforeUpdate&&(T=y.getSnapshotBeforeUpdate(C,w)),M=f&&f.type===b&&f.key==null?f.props.children:f,E.__P&&(f=c,a=(t=E.__P).namespaceURI,l=o=null,r.props&&r.props.__P!=t&&(r.__k.some(function(e){e&&L(e,e)}),r.__k=null),c=r.__k?S(r,0):null),c=ee(t,h(M)?M:[M],n,r,i,a,o,s,c,l,u),E.__P&&(n.__e=null,c=f),n.__u&=-161,m&&m.some(v),y.__h.length&&s.push(y),1&y.__g&&(y.__g&=-4)}catch(t){if(s.length=g,n.__v=null,l||o){if(t&&t.then){if(n.__u|=128|l,o){for(~(I=o.indexOf(c||void 0))||(I=o.length);(R=o[I-1])&&R.nodeType==8;)I--;for(;I<o.length;I++)if(R=o[I]){if(o[I]=null,N){if(R==F)break}else{if(R.nodeType!=8)break;R.data.startsWith(`$s`)&&(F=P(N=R))}}}if(!N){for(;c&&c.nodeType==8&&c.nextSibling;)c=c.nextSibling;N=c}(f=P(N=n.__c.__z||(n.__c.__z=N)))?(n.__e=N,c=f):n.__e=c,c&&=c.nextSibling}else o&&o.some(v)}else n.__e=r.__e;n.__k||=r.__k||[],t&&t.then||te(n),e.__e(t,n,r)}}else c=n.__e=ne(r.__e,n,r,i,a,o,s,l,u,t);return(f=e.diffed)&&f(n),c}function P(e,t){if(e&&e.nodeType==8&&e.data.startsWith(`$s`))for(var n=1;e=e.nextSibling;){if(e.nodeType==8){if(e.data.startsWith(`$s`))n++;else if(e.data.startsWith(`/$s`)&&!--n)return e}t&&t.push(e)}}function te(e){e&&(e.__c&&(e.__c.__g|=4),e.__k&&e.__k.some(te))}function F(t,n,r){for(var i=0;i<r.length;)I(r[i++],r[i++],r[i++]);e.__c&&e.__c(n,t),t.some(function(n){try{t=n.__h,n.__h=[],t.some(function(e){e.call(n)})}catch(t){e.__e(t,n.__v)}})}function ne(t,n,r,i,a,o,s,c,l,u){var d,p,_,y,b,x,C,w,T=r.props||f,E=n.props,D=n.type;if(D==`svg`?a=`http://www.w3.org/2000/svg`:D==`math`?a=`http://www.w3.org/1998/Math/MathML`:a||=`http://www.w3.org/1999/xhtml`,o){for(d=0;d<o.length;d++)if((b=o[d])&&(D?b.localName==D:b.nodeType==3)){t=b,o[d]=null;break}}if(!t){if(w=u.ownerDocument||document,!D)return w.createTextNode(E);t=w.createElementNS(a,D,E.is?E:u),c&&=(e.__m&&e.__m(n,o),!1),o=null}if(D){if(u=D==`template`&&t.content||t,o=D==`textarea`&&E.defaultValue!=null?null:o&&g.call(u.childNodes),!c&&o)for(T={},d=0;d<t.attributes.length;d++)T[(b=t.attributes[d]).name]=b.value;for(d in T)b=T[d],d==`dangerouslySetInnerHTML`?_=b:d==`children`||d in E||d==`value`&&`defaultValue`in E||d==`checked`&&`defaultChecked`in E||j(t,d,null,b,a);for(d in E)b=E[d],d==`children`?y=b:d==`dangerouslySetInnerHTML`?p=b:d==`value`?x=b:d==`checked`?C=b:c&&typeof b!=`function`||T[d]===b||j(t,d,b,T[d],a);p?(c||_&&(p.__html==_.__html||p.__html==t.innerHTML)||(t.innerHTML=p.__html),n.__k=[]):(_&&(t.textContent=``),(D==`foreignObject`||a==`http://www.w3.org/1998/Math/MathML`&&m.test(D))&&(a=`http://www.w3.org/1999/xhtml`),ee(u,h(y)?y:[y],n,r,i,a,o,s,o?o[0]:r.__k&&S(r,0),c,l),o&&o.some(v)),c&&D!=`textarea`||(d=`value`,D==`progress`&&x==null?t.removeAttribute(d):x==null||x===t[d]&&(D!=`progress`||x)||j(t,d,x,T[d],a),d=`checked`,C!=null&&C!=t[d]&&j(t,d,C,T[d],a))}else T===E||c&&t.data==E||(t.data=E);return t}function I(t,n,r,i){try{typeof t==`function`?n?n.__x=t(n)||1:(i&&=i.__c||i.__e)&&(n=i.__x)&&(i.__x=null,typeof n==`function`?n():t(null)):t.current=n}catch(t){e.__e(t,r)}}function L(t,n,r){var i,a,o,s;if(e.unmount&&e.unmount(t),!(i=t.ref)||i.current&&i.current!=t.__e||I(i,null,n,t),i=t.__c){if(i.componentWillUnmount)try{i.componentWillUnmount()}catch(t){e.__e(t,n)}i.__P=i.__n=null}if(i=t.__k)for(s=0;s<i.length;s++)i[s]&&L(i[s],n,typeof t.type!=`function`||r&&!t.props.__P);!r&&(i=t.__c)&&(i=i.__z)&&(a=P(i,o=[]))&&(i==t.__e&&o.some(v),v(a),v(i)),r||v(t.__e),t.__e=t.__c=t.__=null}function re(e,t,n){return this.constructor(e,n)}function R(t,n){var r,i,a,o;e.__&&e.__(t,n),n.nodeType==9&&(n=n.documentElement),i=(r=t&&32&t.__u)?null:n.__k,n.__k=y(b,{children:[t]}),a=[],o=[],N(n,n.__k,i||f,f,n.namespaceURI,i?null:n.firstChild?g.call(n.childNodes):null,a,i?i.__e:n.firstChild,r,o),F(a,n.__k,o),n.__k.props.children=null}function z(e){function t(e){var n,r;return this.getChildContext||(n=new Set,(r={})[t.__c]=this,this.getChildContext=function(){return r},this.shouldComponentUpdate=function(e){this.props.value!=e.value&&n.forEach(function(e){e.__g|=4,T(e)})},this.sub=function(e){n.add(e);var t=e.componentWillUnmount;e.componentWillUnmount=function(){n.delete(e),t&&t.call(e)}}),e.children}return t.__c=`__cC`+u++,t.__=e,t.Provider=(t.Consumer=function(e,t){return e.children(t)}).contextType=t,t}e={__e:function(e,t,n,r){for(var a,o,s;t=t.__;)if((a=t.__c)&&!(1&a.__g)){a.__g|=4;try{if((s=(o=a.constructor)&&o.getDerivedStateFromError)&&a.setState(o.getDerivedStateFromError(e)),a.componentDidCatch&&(a.componentDidCatch(e,r||{}),s=1),s&&8&a.__g)return void(a.__g|=2)}catch(t){e=t}}throw i=0,e}},t=0,x.prototype.setState=function(e,t){var n=this.__s;n&&n!=this.state||(n=this.__s=_({},this.state)),typeof e==`function`&&(e=e(_({},n),this.props)),e&&(_(n,e),this.__v&&(t&&this.__k.push(t),T(this)))},x.prototype.forceUpdate=function(e){this.__v&&(this.__g|=4,e&&this.__h.push(e),T(this))},x.prototype.render=b,n=[],i=0,a=function(e,t){return e.__v.__b-t.__v.__b},o=Symbol(),s=/(PointerCapture)$|Capture$/i,c=0,l={},u=0;var B,V,H,ie,U=Object.is,W=0,ae=[],G=[],K=e,oe=K.__b,se=K.__r,ce=K.diffed,le=K.__c,ue=K.unmount,de=K.__;function q(e,t){K.__h&&K.__h(V,e,W||t),W=0;var n=V.__H||(V.__H={__:[],__h:[]});return e>=n.__.length&&n.__.push({}),n.__[e]}function fe(e){return W=1,pe(Se,e)}function pe(e,t,n){var r=q(B++,2);if(r.t=e,!r.__c&&(r.__=[n?n(t):Se(void 0,t),function(e){var t=(r.__N||r.__)[0],n=r.t(t,e);U(t,n)||(r.__N=[n,r.__[1]],r.__c.setState({}))}],r.__c=V,!V.__f)){V.__f=!0;var i=V.shouldComponentUpdate;V.shouldComponentUpdate=function(e,t,n){var r=this.__H;if(!r)return!0;var a=!1,o=this.props!=e;if(r.__.some(function(e){e.__N&&(a=!0,U(e.__[0],e.__N[0])||(o=!0))}),i){var s=i.call(this,e,t,n);return a?s||o:s}return!a||o}}return r.__}function me(e,t){var n=q(B++,3);!K.__s&&xe(n.__H,t)&&(n.__P=!0,n.__=e,n.u=t,V.__H.__h.push(n))}function he(e){var t=V.context[e.__c],n=q(B++,9);return n.c=e,t?(n.__??(n.__=!0,t.sub(V)),t.props.value):e.__}function ge(){var e;do{for(;e=G.shift();)try{J(e)}catch(t){K.__e(t,{__:(e=e.__P)&&e.__v})}for(;e=ae.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(J),t.__h.some(be),t.__h=[]}catch(n){t.__h=[],K.__e(n,e.__v)}}}while(G.length)}K.__b=function(e){V=null,oe&&oe(e)},K.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),de&&de(e,t)},K.__r=function(e){se&&se(e),B=0;var t=(V=e.__c).__H;t&&(H==V?V.__h=[]:(t.__h.some(J),t.__h.some(be),B=0),t.__h=[],t.__.some(function(e){e.__N&&(e.__=e.__N),e.u=e.__N=void 0})),H=V},K.diffed=function(e){ce&&ce(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&ye(ae.push(t)),t.__H.__.some(function(e){e.u&&(e.__H=e.u)})),H=V=null},K.__c=function(e,t){t.some(function(e){try{e.__h.some(J),e.__h=e.__h.filter(function(e){return!e.__||be(e)})}catch(t){e.__h=[function(){throw t}]}}),le&&le(e,t)},K.unmount=function(e){ue&&ue(e);var t,n,r=e.__c;r&&r.__H&&(r.__H.__.some(function(r){try{if(r.__P&&r.__c){if(n===void 0){for(n=e.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n&&=n.__c}r.__P=n,ye(G.push(r))}else J(r)}catch(e){t=e}}),r.__H=void 0,t&&K.__e(t,r.__v))};var _e=typeof requestAnimationFrame==`function`;function ve(e){var t,n=function(){clearTimeout(r),_e&&cancelAnimationFrame(t),setTimeout(e)},r=setTimeout(n,35);_e&&(t=requestAnimationFrame(n))}function ye(e){e!=1&&ie==K.requestAnimationFrame||((ie=K.requestAnimationFrame)||ve)(ge)}function J(e){var t=V,n=e.__c;typeof n==`function`&&(e.__c=void 0,n()),V=t}function be(e){var t=V;e.__c=e.__(),V=t}function xe(e,t){return!e||e.length!=t.length||t.some(function(t,n){return!U(t,e[n])})}function Se(e,t){return typeof t==`function`?t(e):t}var Ce=z(null);function we(){let e=he(Ce);if(!e)throw Error(`useConfig needs a ConfigContext around it.`);return e}function Te(e){let t=e.getElementById(`dashboard-config`);return JSON.parse(t?.textContent??`null`)}var Ee=36e5;function De(e,t){let n=new Intl.DateTimeFormat(`en-US`,{timeZone:t,year:`numeric`,month:`2-digit`,day:`2-digit`}).formatToParts(e),r=e=>n.find(t=>t.type===e).value;return`${r(`year`)}-${r(`month`)}-${r(`day`)}`}function Oe(e){return De(new Date,e)}function ke(e,t){let n=new Date(`${e}T00:00:00Z`);return n.setUTCDate(n.getUTCDate()+t),n.toISOString().slice(0,10)}function Ae(e){return/^\d{4}-\d{2}-\d{2}$/.test(e)&&!Number.isNaN(Date.parse(`${e}T00:00:00Z`))}function je(e,t){let n=Date.parse(`${e}T00:00:00Z`);for(let r=n-14*Ee;r<=n+14*Ee;r+=Ee/4)if(De(new Date(r),t)===e)return new Date(r);return new Date(n)}var Me=[`overview`,`paths`,`conversions`],Ne=[`CHANNEL`,`SOURCE`,`MEDIUM`,`CAMPAIGN`,`TERM`,`CONTENT`,`LANDING_PAGE`,`REFERRER_HOST`,`EVENT`],Pe=[`CONFIRMED`,`PENDING`,`VOIDED`];function Fe(e=Intl.DateTimeFormat().resolvedOptions().timeZone){let t=Oe(e);return{view:`overview`,from:ke(t,-29),to:t,timeZone:e,events:[],currencies:[],statuses:[`CONFIRMED`],channels:[],sources:[],campaigns:[],models:[`LAST_TOUCH`],windowDays:30,sourceWindows:[],excludeDirect:!1,by:`CHANNEL`}}var Ie={events:`event`,currencies:`currency`,channels:`channel`,sources:`source`,campaigns:`campaign`},Le=`all`;function Re(e){let t=new URLSearchParams(e),n=Fe(Ue(t.get(`tz`))),r=Ge(t.getAll(`model`).map(e=>e.toUpperCase())).slice(0,10),i=t.getAll(`status`).map(e=>e.toUpperCase());return{...n,...Object.fromEntries(Object.entries(Ie).map(([e,n])=>[e,Ge(t.getAll(n))])),view:We(Me,t.get(`view`))??n.view,from:Be(t.get(`from`))??n.from,to:Be(t.get(`to`))??n.to,statuses:i.length?i.includes(Le.toUpperCase())?[]:Pe.filter(e=>i.includes(e)):n.statuses,models:r.length?r:n.models,windowDays:Ve(t.get(`window`))??n.windowDays,sourceWindows:He(t.getAll(`source_window`)),excludeDirect:t.get(`exclude_direct`)===`1`,by:We(Ne,t.get(`by`)?.toUpperCase())??n.by}}function ze(e){let t=Fe(),n=new URLSearchParams,r=(e,t,r)=>{t!==r&&n.append(e,t)};r(`view`,e.view,t.view),r(`tz`,e.timeZone,t.timeZone);let i=Fe(e.timeZone);r(`from`,e.from||`any`,i.from),r(`to`,e.to||`any`,i.to);for(let[t,r]of Object.entries(Ie))e[t].forEach(e=>n.append(r,e));e.statuses.join()!==t.statuses.join()&&(e.statuses.length?e.statuses:[Le]).forEach(e=>n.append(`status`,e.toLowerCase())),e.models.join()!==t.models.join()&&e.models.forEach(e=>n.append(`model`,e.toLowerCase())),r(`window`,String(e.windowDays),String(t.windowDays)),e.sourceWindows.forEach(({source:e,days:t})=>n.append(`source_window`,`${e}=${t}`)),r(`exclude_direct`,e.excludeDirect?`1`:``,``),r(`by`,e.by.toLowerCase(),t.by.toLowerCase());let a=n.toString();return a&&`?${a}`}function Be(e){return e===`any`?``:e!==null&&Ae(e)?e:null}function Ve(e){return e&&/^\d{1,4}$/.test(e)&&Number(e)<=3650?Number(e):null}function He(e){let t=new Map;for(let n of e){let[,e=``,r]=/^(.+)=(\d+)$/.exec(n)??[],i=Ve(r);i!==null&&e.trim()&&t.set(e.trim().toLowerCase(),i)}return[...t].slice(0,50).map(([e,t])=>({source:e,days:t}))}function Ue(e){try{return e?new Intl.DateTimeFormat(`en`,{timeZone:e}).resolvedOptions().timeZone:void 0}catch(e){if(e instanceof RangeError)return;throw e}}function We(e,t){return e.find(e=>e===t)}function Ge(e){return[...new Set(e.filter(Boolean))]}var Ke=class extends Error{name=`Unreachable`},Y=class extends Error{code;body;name=`Refused`;constructor(e,t,n=null){super(e),this.code=t,this.body=n}},qe=3e4;async function Je(e,t,n,r){let i=await Xe(e,t,n,r);return Qe(i)&&(e.csrfToken=``,i=await Xe(e,t,n,r)),et(i)}async function Ye(e,t){return et(await $e(e,{headers:{Accept:`application/json`}},t))}async function Xe(e,t,n,r){return e.csrfToken||=await Ze(e,r),$e(t,{method:`POST`,headers:{Accept:`application/json`,"Content-Type":`application/json`,"X-CSRFToken":e.csrfToken},body:JSON.stringify(n)},r)}async function Ze(e,t){return(await Ye(e.csrfUrl,t)).csrfToken}function Qe(e){return e.status===403&&!nt(e)}async function $e(e,t,n){let r=AbortSignal.timeout(qe);try{return await fetch(e,{...t,credentials:`same-origin`,signal:n?AbortSignal.any([n,r]):r})}catch(e){throw n?.aborted?e:new Ke(`The server cannot be reached. Check the connection, then try again.`,{cause:e})}}async function et(e){let t=nt(e)?await e.json():null;if(!e.ok||t===null)throw new Y(tt(e),String(e.status),t);return t}function tt(e){return Qe(e)?`The server did not accept this page's security token. Allow cookies for this site and reload the page.`:`The server answered ${e.status} ${e.statusText}`.trim()+`. Try again in a moment.`}function nt(e){return/^application\/([\w.-]+\+)?json\b/.test(e.headers.get(`Content-Type`)??``)}async function rt(e,t,n,r){let i={query:t.toString(),variables:n},a=await Je(e,e.graphqlUrl,i,r),[o]=a.errors??[];if(o||!a.data)throw new Y(o?.message??`The answer was empty.`,o?.extensions?.code??`EMPTY`);return a.data}function X(e,t){let n=we(),[r,i]=fe({data:null,error:null,isLoading:!0}),[a,o]=fe(0);return me(()=>{if(t===null){i(e=>({...e,error:null,isLoading:!1}));return}let r=new AbortController;return i(e=>({...e,isLoading:!0})),rt(n,e,t,r.signal).then(e=>i({data:e,error:null,isLoading:!1}),e=>{r.signal.aborted||i(t=>({...t,error:e,isLoading:!1}))}),()=>r.abort()},[n,e,JSON.stringify(t),a]),{...r,retry:()=>o(a+1)}}var Z=class extends String{__apiType;value;__meta__;constructor(e,t){super(e),this.value=e,this.__meta__=t}toString(){return this.value}},it={"\n  query Conversions(\n    $model: AttributionModel!\n    $windowDays: Int!\n    $sourceWindows: [SourceWindowInput!]!\n    $excludeDirect: Boolean!\n    $where: ConversionFilterInput!\n    $creditedTo: CreditFilterInput\n    $first: Int\n    $after: String\n  ) {\n    attributedConversions(\n      model: $model\n      windowDays: $windowDays\n      sourceWindows: $sourceWindows\n      excludeDirect: $excludeDirect\n      where: $where\n      creditedTo: $creditedTo\n      first: $first\n      after: $after\n    ) {\n      totalCount\n      edges {\n        node {\n          id\n          event\n          status\n          occurredAt\n          value {\n            amount\n            currency\n          }\n        }\n      }\n    }\n  }\n":new Z(`
    query Conversions($model: AttributionModel!, $windowDays: Int!, $sourceWindows: [SourceWindowInput!]!, $excludeDirect: Boolean!, $where: ConversionFilterInput!, $creditedTo: CreditFilterInput, $first: Int, $after: String) {
  attributedConversions(
    model: $model
    windowDays: $windowDays
    sourceWindows: $sourceWindows
    excludeDirect: $excludeDirect
    where: $where
    creditedTo: $creditedTo
    first: $first
    after: $after
  ) {
    totalCount
    edges {
      node {
        id
        event
        status
        occurredAt
        value {
          amount
          currency
        }
      }
    }
  }
}
    `),"\n  query Options {\n    reportOptions {\n      models {\n        name\n        label\n        description\n        perConversion\n        additive\n      }\n      events\n      channels\n      sources\n      currencies\n      firstConversionAt\n      lastConversionAt\n    }\n  }\n":new Z(`
    query Options {
  reportOptions {
    models {
      name
      label
      description
      perConversion
      additive
    }
    events
    channels
    sources
    currencies
    firstConversionAt
    lastConversionAt
  }
}
    `),"\n  query Breakdown(\n    $models: [ReportModel!]!\n    $windowDays: Int!\n    $sourceWindows: [SourceWindowInput!]!\n    $excludeDirect: Boolean!\n    $groupBy: [AttributionDimension!]!\n    $where: ConversionFilterInput!\n    $creditedTo: CreditFilterInput\n  ) {\n    attributionReport(\n      models: $models\n      windowDays: $windowDays\n      sourceWindows: $sourceWindows\n      excludeDirect: $excludeDirect\n      groupBy: $groupBy\n      where: $where\n      creditedTo: $creditedTo\n    ) {\n      rows {\n        kind\n        key {\n          dimension\n          value\n        }\n        currency\n        results {\n          model\n          conversions\n          value {\n            amount\n            currency\n          }\n        }\n      }\n      totals {\n        currency\n        conversions\n        value {\n          amount\n          currency\n        }\n      }\n    }\n  }\n":new Z(`
    query Breakdown($models: [ReportModel!]!, $windowDays: Int!, $sourceWindows: [SourceWindowInput!]!, $excludeDirect: Boolean!, $groupBy: [AttributionDimension!]!, $where: ConversionFilterInput!, $creditedTo: CreditFilterInput) {
  attributionReport(
    models: $models
    windowDays: $windowDays
    sourceWindows: $sourceWindows
    excludeDirect: $excludeDirect
    groupBy: $groupBy
    where: $where
    creditedTo: $creditedTo
  ) {
    rows {
      kind
      key {
        dimension
        value
      }
      currency
      results {
        model
        conversions
        value {
          amount
          currency
        }
      }
    }
    totals {
      currency
      conversions
      value {
        amount
        currency
      }
    }
  }
}
    `),"\n  query Paths(\n    $windowDays: Int!\n    $sourceWindows: [SourceWindowInput!]!\n    $excludeDirect: Boolean!\n    $collapseRepeats: Boolean!\n    $by: AttributionDimension!\n    $where: ConversionFilterInput!\n  ) {\n    conversionPaths(\n      windowDays: $windowDays\n      sourceWindows: $sourceWindows\n      excludeDirect: $excludeDirect\n      collapseRepeats: $collapseRepeats\n      by: $by\n      where: $where\n      first: 20\n    ) {\n      paths {\n        steps\n        conversions\n        values {\n          amount\n          currency\n        }\n        averageDaysToConvert\n      }\n      lengths {\n        from\n        to\n        conversions\n      }\n      daysToConvert {\n        from\n        to\n        conversions\n      }\n      truncated\n    }\n  }\n":new Z(`
    query Paths($windowDays: Int!, $sourceWindows: [SourceWindowInput!]!, $excludeDirect: Boolean!, $collapseRepeats: Boolean!, $by: AttributionDimension!, $where: ConversionFilterInput!) {
  conversionPaths(
    windowDays: $windowDays
    sourceWindows: $sourceWindows
    excludeDirect: $excludeDirect
    collapseRepeats: $collapseRepeats
    by: $by
    where: $where
    first: 20
  ) {
    paths {
      steps
      conversions
      values {
        amount
        currency
      }
      averageDaysToConvert
    }
    lengths {
      from
      to
      conversions
    }
    daysToConvert {
      from
      to
      conversions
    }
    truncated
  }
}
    `)};function Q(e){return it[e]??{}}function at(e){let{from:t,to:n,timeZone:r}=e;return{status:e.statuses,...e.events.length&&{event:e.events},...e.currencies.length&&{currency:e.currencies},...(t||n)&&{occurred:{after:t?je(t,r).toISOString():null,before:n?je(ke(n,1),r).toISOString():null}}}}function ot(e){let{channels:t,sources:n,campaigns:r}=e;return!t.length&&!n.length&&!r.length?null:{...t.length&&{channel:t},...n.length&&{source:n},...r.length&&{campaign:r}}}function st(e){let{windowDays:t,sourceWindows:n,excludeDirect:r}=e;return{windowDays:t,sourceWindows:n,excludeDirect:r}}function ct(e){return e.models}function lt(e){return e}var ut=Symbol.for(`pv`),dt=0;Array.isArray;function $(t,n,r,i,a,o){n||={};var s,c,l=n;if(`ref`in l&&typeof t!=`function`)for(c in l={},n)c==`ref`?s=n[c]:l[c]=n[c];var u={type:t,props:l,key:r,ref:s,__k:null,__:null,__b:0,__e:null,__c:null,constructor:ut,__v:--dt,__i:-1,__u:0};return(a||o)&&(u.__source=a,u.__self=o),e.vnode&&e.vnode(u),u}var ft=Q(`
  query Conversions(
    $model: AttributionModel!
    $windowDays: Int!
    $sourceWindows: [SourceWindowInput!]!
    $excludeDirect: Boolean!
    $where: ConversionFilterInput!
    $creditedTo: CreditFilterInput
    $first: Int
    $after: String
  ) {
    attributedConversions(
      model: $model
      windowDays: $windowDays
      sourceWindows: $sourceWindows
      excludeDirect: $excludeDirect
      where: $where
      creditedTo: $creditedTo
      first: $first
      after: $after
    ) {
      totalCount
      edges {
        node {
          id
          event
          status
          occurredAt
          value {
            amount
            currency
          }
        }
      }
    }
  }
`);function pt({question:e}){let t=X(ft,{model:lt(e.models[0]),...st(e),where:at(e),creditedTo:ot(e),first:25,after:null});return $(`pre`,{children:t.error?.message??JSON.stringify(t.data?.attributedConversions,null,1)})}var mt=Q(`
  query Options {
    reportOptions {
      models {
        name
        label
        description
        perConversion
        additive
      }
      events
      channels
      sources
      currencies
      firstConversionAt
      lastConversionAt
    }
  }
`),ht=Q(`
  query Breakdown(
    $models: [ReportModel!]!
    $windowDays: Int!
    $sourceWindows: [SourceWindowInput!]!
    $excludeDirect: Boolean!
    $groupBy: [AttributionDimension!]!
    $where: ConversionFilterInput!
    $creditedTo: CreditFilterInput
  ) {
    attributionReport(
      models: $models
      windowDays: $windowDays
      sourceWindows: $sourceWindows
      excludeDirect: $excludeDirect
      groupBy: $groupBy
      where: $where
      creditedTo: $creditedTo
    ) {
      rows {
        kind
        key {
          dimension
          value
        }
        currency
        results {
          model
          conversions
          value {
            amount
            currency
          }
        }
      }
      totals {
        currency
        conversions
        value {
          amount
          currency
        }
      }
    }
  }
`);function gt({question:e}){let t=X(ht,{models:ct(e),...st(e),groupBy:[e.by],where:at(e),creditedTo:ot(e)});return $(`pre`,{children:t.error?.message??JSON.stringify(t.data?.attributionReport.rows,null,1)})}function _t({error:e,retry:t}){let n=e instanceof Y?e.code:``;return $(`div`,{class:`failure`,role:`alert`,children:[$(`p`,{children:vt(e,n)}),n===`UNAUTHENTICATED`?$(`a`,{class:`button`,href:location.href,children:`Log in`}):$(`button`,{type:`button`,class:`button`,onClick:t,children:`Try again`})]})}function vt(e,t){switch(t){case`UNAUTHENTICATED`:return`You were logged out. What you asked is kept in the address.`;case`FORBIDDEN`:return`${e.message} Ask whoever looks after this site's users.`;case`INTERNAL_SERVER_ERROR`:return`The server failed to answer. Try again; if it fails again, its log says why.`;default:return e instanceof Y||e instanceof Ke?e.message:`This page failed to show the answer. Reload it; if that does not help, report it.`}}var yt=Q(`
  query Paths(
    $windowDays: Int!
    $sourceWindows: [SourceWindowInput!]!
    $excludeDirect: Boolean!
    $collapseRepeats: Boolean!
    $by: AttributionDimension!
    $where: ConversionFilterInput!
  ) {
    conversionPaths(
      windowDays: $windowDays
      sourceWindows: $sourceWindows
      excludeDirect: $excludeDirect
      collapseRepeats: $collapseRepeats
      by: $by
      where: $where
      first: 20
    ) {
      paths {
        steps
        conversions
        values {
          amount
          currency
        }
        averageDaysToConvert
      }
      lengths {
        from
        to
        conversions
      }
      daysToConvert {
        from
        to
        conversions
      }
      truncated
    }
  }
`);function bt({question:e}){let t=X(yt,{...st(e),collapseRepeats:!0,by:`CHANNEL`,where:at(e)});return $(`pre`,{children:JSON.stringify(t.data)})}var xt={};function St(){let[e,t]=Ct(),n=X(mt,xt);if(!n.data)return n.error?$(_t,{error:n.error,retry:n.retry}):$(`p`,{role:`status`,children:`Loading`});let r={question:e,options:n.data.reportOptions,change:t};return $(`main`,{children:[e.view===`overview`&&$(gt,{...r}),e.view===`paths`&&$(bt,{...r}),e.view===`conversions`&&$(pt,{...r})]})}function Ct(){let[e,t]=fe(()=>Re(location.search));return me(()=>{let e=()=>t(Re(location.search));return addEventListener(`popstate`,e),()=>removeEventListener(`popstate`,e)},[]),[e,n=>{let r={...e,...n};history.pushState(null,``,location.pathname+ze(r)),t(r)}]}var wt=document.getElementById(`dashboard`);wt.replaceChildren(),R($(Ce.Provider,{value:Te(document),children:$(St,{})}),wt);